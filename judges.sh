#!/bin/sh
# Make .judges/<platform>, an environment for each vendor's own program: they can't live with one another, or with us.
set -eu
cd "$(dirname "$0")"
root=${LABELTRAIL_JUDGES:-.judges}

for program in dciodvfy plastimatch; do
    command -v "$program" >/dev/null || echo "$program is not installed, so it judges nothing. Debian has it: dicom3tools, plastimatch" >&2
done

# Platform and the packages of its environment, at the versions that the references describe.
while read -r platform packages; do
    stamp="$root/$platform/packages"
    [ "$(cat "$stamp" 2>/dev/null)" = "$packages" ] && continue
    echo "Installing $packages for the judge $platform"
    .venv/bin/python -m venv --clear "$root/$platform"
    # shellcheck disable=SC2086 # several packages
    "$root/$platform/bin/python" -m pip install --quiet --disable-pip-version-check $packages
    echo "$packages" >"$stamp"
done <<'END'
redbrick redbrick-sdk==2.35.4
kili kili==26.2.4
labelbox labelbox[data]==7.17.0
diffgram diffgram==0.15.0
isahit isahitlab==0.17.0
dicom dcmrtstruct2nii==5 pydicom-seg==0.4.1 pydicom==2.4.4
labelstudio label-studio-sdk==2.1.2
END
