"""The base of every admin class: rows by `visible_to`, permissions by rights, writes through doors only."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ShowFacets, helpers
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms import Media
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from visitcare.kit.admin.doors import BulkDoor, Door, DoorForm, attempt
from visitcare.kit.admin.lists import MOST_COUNTED, CappedPaginator, ScopedChangeList
from visitcare.kit.admin.pages import Section, page_url
from visitcare.kit.admin.requests import OfficeRequest
from visitcare.kit.admin.searching import FIND, in_address, stands_open
from visitcare.kit.texts import tidy

CSRF_FIELD = "csrfmiddlewaretoken"


class ScopedAdmin(ModelAdmin):  # type: ignore[misc]
    """Lists and pages of what a person may see.

    `see` is the right that opens the list, `add_right` the right to the add form (`add_form`, `add`). Rows come from
    `visible_to`; a model without it shows nothing unless `everybody` says that its rows are no secret. A row outside
    the scope answers exactly as an id that does not exist.
    """

    see: ClassVar[str] = ""
    add_right: ClassVar[str] = ""
    add_form: ClassVar[type[DoorForm] | None] = None
    add_words: ClassVar[str] = ""
    add_template: ClassVar[str] = "admin/add_page.html"
    everybody: ClassVar[bool] = False
    doors: ClassVar[Sequence[Door]] = ()
    bulk_doors: ClassVar[Sequence[BulkDoor]] = ()
    search_hint: ClassVar[str] = ""
    empty_words: ClassVar[str] = "没有符合条件的记录。可以换一个筛选条件，或者清除筛选。"
    list_title: ClassVar[str] = ""
    list_intro: ClassVar[str] = ""
    page_template: ClassVar[str] = "admin/object_page.html"

    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by: Sequence[str] = ()
    actions = ()

    # What an admin class says of its model

    def place_code(self, obj: Any) -> str:
        """The code of the division an object lies in; "" where it lies in none."""
        return ""

    @property
    def title_of_list(self) -> str:
        return self.list_title or str(self.opts.verbose_name_plural)

    def heading(self, obj: Any) -> str:
        return str(obj)

    def badges(self, obj: Any) -> Iterable[str]:
        """States to show beside the heading."""
        return ()

    def subheading(self, obj: Any) -> str:
        return ""

    def sections(self, request: OfficeRequest, obj: Any) -> Iterable[Section]:
        """The parts of an object's page."""
        return ()

    def closing(self, request: OfficeRequest, obj: Any) -> Iterable[Section]:
        """The parts that come last, after those that other apps add."""
        return ()

    def for_list(self, request: OfficeRequest, rows: models.QuerySet) -> models.QuerySet:
        """The rows of one page of the list with whatever its columns read."""
        return rows

    def search(self, request: OfficeRequest, rows: models.QuerySet, term: str) -> models.QuerySet:
        """The rows a search term means (`search_hint` says what can be typed)."""
        return rows.none()

    def add(self, request: OfficeRequest, said: dict[str, Any]) -> tuple[str, models.Model] | HttpResponse:
        """Do what the add form says: a sentence and the new object, or a whole response."""
        raise NotImplementedError

    def after_door(self, request: OfficeRequest, door: Door, obj: Any) -> str:
        """Where to go when a door has done its work."""
        return page_url(obj)

    # Rows and permissions

    def get_queryset(self, request: OfficeRequest) -> models.QuerySet:
        rows: Any = super().get_queryset(request)
        if hasattr(rows, "visible_to"):
            return rows.visible_to(request.user)  # type: ignore[no-any-return]
        return rows if self.everybody else rows.none()  # type: ignore[no-any-return]

    def has_view_permission(self, request: OfficeRequest, obj: Any = None) -> bool:
        user = request.user
        return bool(self.see and user.is_authenticated and user.may(self.see))

    def has_module_permission(self, request: OfficeRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: OfficeRequest) -> bool:
        user = request.user
        return bool(self.add_right and user.is_authenticated and user.may(self.add_right))

    def has_change_permission(self, request: OfficeRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: OfficeRequest, obj: Any = None) -> bool:
        return False

    @property
    def all_doors(self) -> Sequence[Door]:
        """Its own doors and those that the site adds to it (for apps that this one must not know)."""
        added: Any = getattr(self.admin_site, "doors_of", None)
        return (*self.doors, *(added(self.model) if added else ()))

    def open_doors(self, request: OfficeRequest, obj: Any) -> list[Door]:
        """The doors this person may use on this object as it is now."""
        user = request.user
        code = self.place_code(obj)
        return [door for door in self.all_doors if user.may(door.right, code) and door.shown(request, obj)]

    def open_bulk_doors(self, request: OfficeRequest) -> list[BulkDoor]:
        user = request.user
        added: Any = getattr(self.admin_site, "bulk_doors_of", None)
        doors = (*self.bulk_doors, *(added(self.model) if added else ()))
        return [door for door in doors if user.may(door.right)]

    # Django's own doors, closed or narrowed

    def lookup_allowed(self, lookup: str, value: Any, request: OfficeRequest | None = None) -> bool:
        return any(lookup == declared.parameter_name for declared in self.list_filter)

    def to_field_allowed(self, request: OfficeRequest, to_field: str) -> bool:
        return False

    def get_search_fields(self, request: OfficeRequest) -> Sequence[str]:
        return ("pk",) if self.search_hint else ()

    def get_search_results(self, request: OfficeRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        return (self.search(request, queryset, term) if term and self.search_hint else queryset), False

    def get_actions(self, request: OfficeRequest) -> dict[str, Any]:
        """Only so that Django draws the boxes to tick; `_bulk` answers them."""
        return {door.name: (door.act, door.name, door.label) for door in self.open_bulk_doors(request)}

    def get_changelist(self, request: OfficeRequest, **kwargs: Any) -> type[ScopedChangeList]:
        return ScopedChangeList

    @property
    def media(self) -> Media:
        return Media()

    def get_urls(self) -> list[URLPattern]:
        label = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        urls = [path("", view(self.changelist_view), name=f"{label}_changelist")]
        if self.add_form is not None:
            urls.append(path("add/", view(self.add_view), name=f"{label}_add"))
        urls += [
            path(
                f"<str:object_id>/{door.name}/",
                view(self.door_view),
                {"name": door.name},
                name=f"{label}_{door.name}",
            )
            for door in self.all_doors
        ]
        return [*urls, path("<str:object_id>/change/", view(self.change_view), name=f"{label}_change")]

    # Views

    def changelist_view(
        self, request: OfficeRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if FIND in request.POST:
            return self._found_at(request, request.POST)
        if request.method == "POST":
            return self._bulk(request)
        if stands_open(request.GET.get(SEARCH_VAR, "")):
            return self._found_at(request, request.GET)
        context = {
            "title": self.title_of_list,
            "bulk_doors": self.open_bulk_doors(request),
            "most_counted": MOST_COUNTED,
            "intro": self.list_intro,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    def change_view(
        self, request: OfficeRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        obj = self._found(request, object_id)
        if isinstance(obj, HttpResponse):
            return obj
        panels = getattr(self.admin_site, "panels", None)
        doors = [
            (door, door.form(request=request, obj=obj, auto_id=f"{door.name}_%s"), self._door_url(door, obj))
            for door in self.open_doors(request, obj)
        ]
        context = {
            "title": self.heading(obj),
            "original": obj,
            "heading": self.heading(obj),
            "subheading": self.subheading(obj),
            "badges": list(self.badges(obj)),
            "sections": [
                *self.sections(request, obj),
                *(panels(request, obj) if panels else ()),
                *self.closing(request, obj),
            ],
            "doors": doors,
        }
        return self._page(request, self.page_template, context)

    def door_view(self, request: OfficeRequest, object_id: str, name: str) -> HttpResponse:
        """GET asks, POST does. Who may not use the door, or no longer, is told so on the object's page."""
        obj = self._found(request, object_id)
        if isinstance(obj, HttpResponse):
            return obj
        door = next((door for door in self.open_doors(request, obj) if door.name == name), None)
        if door is None:
            if not any(request.user.may(door.right) for door in self.all_doors if door.name == name):
                raise PermissionDenied
            messages.warning(request, "现在不能办这件事：它已经办过，或者状态变了。请看看最新的情况。")
            return HttpResponseRedirect(page_url(obj))
        form = door.form(request.POST if request.method == "POST" else None, request=request, obj=obj)
        if request.method == "POST" and form.is_valid():
            answer, refusal = attempt(lambda: door.act(request, obj, form.cleaned_data))
            if isinstance(answer, HttpResponse):
                return answer
            if not refusal:
                messages.success(request, answer or "办好了。")
                return HttpResponseRedirect(self.after_door(request, door, obj))
            if not form.fields:
                messages.error(request, refusal)
                return HttpResponseRedirect(page_url(obj))
            form.add_error(None, refusal)
        context = {
            "title": door.label,
            "original": obj,
            "heading": self.heading(obj),
            "subheading": self.subheading(obj),
            "door": door,
            "form": form,
            "back": page_url(obj),
        }
        return self._page(request, door.template, context)

    def add_view(self, request: OfficeRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if self.add_form is None or not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = self.add_form(*sent, request=request)
        if request.method == "POST" and form.is_valid():
            answer, refusal = attempt(lambda: self.add(request, form.cleaned_data))
            if isinstance(answer, HttpResponse):
                return answer
            if answer:
                messages.success(request, answer[0])
                return HttpResponseRedirect(page_url(answer[1]))
            form.add_error(None, refusal)
        context = {"title": self.add_words, "form": form, "back": self._list_url()}
        return self._page(request, self.add_template, context)

    def _found_at(self, request: OfficeRequest, asked: QueryDict) -> HttpResponse:
        """Lead to the list that was asked for: an address without what was left open, and without anybody's number."""
        said = {name: tidy(str(asked[name])).strip() for name in asked if name not in (FIND, CSRF_FIELD)}
        said[SEARCH_VAR] = in_address(said.get(SEARCH_VAR, ""), by=request.user)
        return HttpResponseRedirect(f"?{urlencode({name: value for name, value in said.items() if value})}")

    def _found(self, request: OfficeRequest, object_id: str) -> Any:
        """The object, or Django's answer for an id that does not exist."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        return obj or self._get_obj_does_not_exist_redirect(request, self.opts, object_id)

    def _bulk(self, request: OfficeRequest) -> HttpResponse:
        door = next((d for d in self.open_bulk_doors(request) if d.name == request.POST.get("action")), None)
        if door is None:
            raise PermissionDenied
        across = request.POST.get("select_across") == "1"
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        rows = self._chosen(request, across, selected)
        count = rows.count()
        if not count:
            messages.warning(request, "没有选中任何一条。请先在左边打勾，或者选“筛选出的全部”。")
            return HttpResponseRedirect(request.get_full_path())
        confirmed = "confirmed" in request.POST
        form = door.form(request.POST if confirmed else None, request=request)
        if confirmed and form.is_valid():
            if request.POST.get("expected") == str(count):
                answer, refusal = attempt(lambda: door.act(request, rows, form.cleaned_data))
            else:
                answer, refusal = None, f"刚才记录有变动，现在是 {count} 条。请看过再确认一次。"
            if isinstance(answer, HttpResponse):
                return answer
            if not refusal:
                for level, words in answer or ():
                    messages.add_message(request, level, words)
                return HttpResponseRedirect(request.get_full_path())
            form.add_error(None, refusal)
        context = {
            "title": door.label,
            "door": door,
            "form": form,
            "count": count,
            "across": across,
            "narrowed": self.get_changelist_instance(request).narrowed_by if across else [],
            "selected": [] if across else selected,
            "box": helpers.ACTION_CHECKBOX_NAME,
            "back": request.get_full_path(),
        }
        return self._page(request, "admin/bulk.html", context)

    def _chosen(self, request: OfficeRequest, across: bool, selected: Sequence[str]) -> models.QuerySet:
        """The rows a bulk door is about: those ticked, or all of the filter; never more than the list shows."""
        shown = self.get_changelist_instance(request).get_queryset(request)
        if not across:
            shown = shown.filter(pk__in=self._known_keys(selected))
        rows: models.QuerySet = self.model._default_manager.filter(pk__in=shown.order_by().values("pk"))
        return rows

    def _known_keys(self, selected: Sequence[str]) -> list[Any]:
        keys = []
        for text in selected:
            try:
                keys.append(self.opts.pk.to_python(text))
            except ValidationError:
                continue
        return keys

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _door_url(self, door: Door, obj: models.Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{door.name}", args=[obj.pk])

    def _page(self, request: OfficeRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "model_admin": self,
                "list_url": self._list_url(),
                "list_title": self.title_of_list,
                **context,
            },
        )
