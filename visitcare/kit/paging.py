"""How the REST API turns pages. (In a module of its own: the framework imports it while it loads itself.)"""

from rest_framework.pagination import LimitOffsetPagination


class Pages(LimitOffsetPagination):
    """`?limit=` and `?offset=`; nobody takes everything at once."""

    max_limit = 500
