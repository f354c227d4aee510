"""The form under a report that signs it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from audit.signin import Refused
from exports.models import Report
from exports.pages import products
from exports.signing import NotSignable, sign_report
from exportsite.problems import FieldProblem, WrongRequest
from exportsite.sent import see


@sensitive_post_parameters("password")
@never_cache
@require_POST
def sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign the report: back to its page, or the page with what is in the way. 429 while passwords are not looked at."""
    report = products.run_of(request, Report, pk)
    assert isinstance(report, Report)
    meaning, password = request.POST.get("meaning", ""), request.POST.get("password", "")
    status = 400
    try:
        sign_report(request, report, meaning=meaning, password=password)
        return see(f"{reverse('report', args=[pk])}?signed={meaning}#signatures")
    except WrongRequest as error:
        problems = error.problems
    except NotSignable as error:
        problems = (FieldProblem("report", "not_signable", str(error)),)
    except Refused as error:
        problems = (FieldProblem("password", "wrong", error.text),)
        status = 429 if error.until is not None else 400
    return products.page(request, report, unsigned=problems, status=status)
