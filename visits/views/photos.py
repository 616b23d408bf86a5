"""One photograph, to look at."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from visitcare.kit.weeks import local_day
from visitcare.org.pages import SignedInRequest, worker_page
from visits.actions import look_at_photo
from visits.models import Photo

HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""Whatever a browser might take it for: nothing in it does anything. (Browsers style the page around a picture.)"""


@worker_page
@require_GET
def photo(request: SignedInRequest, photo: UUID) -> HttpResponse:
    """Drawn by us and named by us; kept by no cache, like every answer to somebody signed in."""
    try:
        seen = look_at_photo(by=request.user, photo=photo)
    except Photo.DoesNotExist:
        raise Http404 from None
    name = f"照片-{local_day(seen.visit.started_at)}-{str(seen.pk)[-4:]}.jpg"
    response = HttpResponse(bytes(seen.content), content_type="image/jpeg")
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=name) or "inline"
    )
    response["Content-Security-Policy"] = HARMLESS
    return response
