"""Visits over HTTP: read by whoever may see them, sent by the phones of those who went."""

from visits.api.photos import PhotoView
from visits.api.syncing import SyncView, VisitViewSet

__all__ = ["PhotoView", "SyncView", "VisitViewSet"]
