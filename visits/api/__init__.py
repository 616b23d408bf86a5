"""Visits over HTTP: read by whoever may see them, sent by the phones of those who went."""

from visits.api.syncing import SyncView, VisitViewSet

__all__ = ["SyncView", "VisitViewSet"]
