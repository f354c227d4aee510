"""Of data.yaml the names of classes are read as YAML has them, and nothing is guessed."""

from __future__ import annotations

import pytest

from audit.sources.base import SourceError
from audit.sources.yolo.naming import names_of_yaml

READ = {
    "a mapping": ("path: ''\ntrain: images\nnames:\n  0: JOB_0/CAR\n  1: \"a: b\"\n", {0: "JOB_0/CAR", 1: "a: b"}),
    "a list": ("nc: 2\nnames: ['a', b c]\n", {0: "a", 1: "b c"}),
    "a list over lines": (
        "nc: 3  # three\nnames: [ 'it''s', # one\n   \"\\u00e9, [x]\",\n  c, ]\n",
        {0: "it's", 1: "é, [x]", 2: "c"},
    ),
    "a list in lines": ("names:\n- a\n- 'b'   # second\n# none\n- c#d\nnc: 3\n", {0: "a", 1: "b", 2: "c#d"}),
    "an indented list": ("names: # of classes\n  - a\n\n  - no\n", {0: "a", 1: "no"}),
    "numbers with gaps": ("names: {0: a, 5: 'b'}\nval: x\n", {0: "a", 5: "b"}),
    "none": ("names: {}\n", {}),
    "other keys": (
        "---\n# hello\n'names': [a]\nroboflow:\n  url: https://x.example\n  license: CC\ndownload: |\n  import os\n",
        {0: "a"},
    ),
    "a mark at the beginning and Windows' line ends": ("\ufeffnames:\r\n  0: a\r\n  1: b\r\n", {0: "a", 1: "b"}),
    "a picture sign": ('names: ["\\ud83d\\udd25"]\n', {0: "🔥"}),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_it_reads(what: str) -> None:
    text, names = READ[what]
    assert names_of_yaml(text, "data.yaml") == names


REFUSED = {
    "no names": ("nc: 1\n", "it has no key names"),
    "another count": ("nc: 3\nnames: [a, b]\n", 'line 1: nc is "3", and there are 2 names'),
    "a count that is none": ("nc: many\nnames: [a, b]\n", 'nc is "many"'),
    "a text": ("names: a\n", "names is neither"),
    "another file": ("names: coco.names\n", "names is neither"),
    "an alias": ("names: *all\n", "names is neither"),
    "an anchor in a list": ("names: [&x a]\n", "this is no name"),
    "a tag": ("names:\n  - !!python/object/apply:os.system a\n", "this is no name"),
    "a list in a list": ("names: [[a], b]\n", "this is no name"),
    "a mapping in a list": ("names:\n  - a: b\n", "this is no name"),
    "what is not closed": ("names: [a, b\n", "line 1"),
    "no comma": ("names: ['a' 'b']\n", "no comma"),
    "text behind it": ("names: [a] b\n", "something stands behind"),
    "text behind a quoted name": ("names:\n  - 'a' b\n", "this is no name"),
    "a quote that is not closed": ("names:\n  - 'a\n", "this is no name"),
    "a quoted name over lines": ("names: ['a\n  b', c]\n", "this is no name"),
    "a list in a line of a list": ("names:\n  - - a\n", "this is no name"),
    "a number twice": ("names: {0: a, 0: b}\n", "the class 0 has two names"),
    "a number that is too large": ("names:\n  900000: a\n", "more than can be"),
    "a key twice": ("names: [a]\nnames: [b]\n", 'the key "names" stands there twice'),
    "another indentation": ("names:\n  0: a\n   1: b\n", "not indented alike"),
    "a list and numbers": ("names:\n  - a\n  1: b\n", "were expected"),
    "keys that are merged": ("<<: *base\nnames: [a]\n", "line 1: this is not as a data.yaml has it"),
    "a second document": ("names: [a]\n---\nnames: [b]\n", "line 2"),
    "a tab": ("names:\n\t0: a\n", "line 2"),
    "no key": ("names: [a]\nhello\n", 'line 2: this is not as a data.yaml has it: "hello"'),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what: str) -> None:
    text, said = REFUSED[what]
    with pytest.raises(SourceError) as caught:
        names_of_yaml(text, "data.yaml")
    assert said in str(caught.value)
    assert '"data.yaml"' in str(caught.value)
