"""A workbook as the answer to a request."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={
            "Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name)),
            "Cache-Control": "no-store",
        },
    )
