"""The front door."""

from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from elders.views import registering, rounds, screening
from subsidies import views as subsidies
from visitcare.console import health
from visitcare.org import api as org_api
from visitcare.org import card_views
from visitcare.org import views as org
from visits import api as visits_api
from visits import views as visits

handler500 = "visitcare.console.outage.broken"

api = SimpleRouter()
api.register("divisions", org_api.DivisionViewSet)
api.register("visits", visits_api.VisitViewSet)

# The script of its own address; its few styles stand in its markup.
api_docs = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api_schema")
)

api_patterns = [
    path("round/", visits.RoundView.as_view(), name="api_round"),
    path("me/", org_api.MeView.as_view(), name="api_me"),
    path("sync/", visits_api.SyncView.as_view(), name="api_sync"),
    path("visits/<str:visit>/photos/<str:photo>/", visits_api.PhotoView.as_view(), name="api_photo"),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", api_docs, name="api_docs"),
    *api.urls,
]

urlpatterns = [
    path("", visits.home, name="home"),
    path("record/<uuid:household>/", visits.record_visit, name="record_visit"),
    path("visits/<uuid:visit>/correct/", visits.correct_record, name="correct_visit"),
    path("visits/<uuid:visit>/withdraw/", visits.withdraw_record, name="withdraw_visit"),
    path("visits/<uuid:visit>/recheck/", visits.ask_recheck, name="ask_recheck"),
    path("photos/<uuid:photo>/", visits.photo, name="photo"),
    path("phone/", visits.shell, name="phone_shell"),
    path("sw.js", visits.service_worker, name="service_worker"),
    path("manifest.webmanifest", visits.manifest, name="phone_manifest"),
    path("plan/<uuid:household>/", visits.move_plan, name="move_plan"),
    path("unreached/<uuid:elder>/", visits.answer_chain, name="answer_chain"),
    path("mine/", visits.my_visits, name="my_visits"),
    path("days-off/", rounds.my_days_off, name="my_days_off"),
    path("days-off/<uuid:worker>/", rounds.days_off, name="days_off"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("register/", registering.register, name="register"),
    path("register/new/", registering.new_registration, name="new_registration"),
    path("register/<uuid:draft>/", registering.registration_draft, name="registration_draft"),
    path("register/<uuid:draft>/discard/", registering.discard_draft, name="discard_draft"),
    path("register/of/<uuid:elder>/", registering.renew_registration, name="renew_registration"),
    path("register/with/<uuid:household>/", registering.register_cohabitant, name="register_cohabitant"),
    path("register/done/<uuid:elder>/", registering.registration_done, name="registration_done"),
    path("screening/", screening.screening, name="screening"),
    path("screening/new/", screening.meet, name="screening_new"),
    path("screening/<uuid:person>/", screening.screen, name="screen_person"),
    path("pay/", subsidies.my_pay, name="my_pay"),
    path("login/", org.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", org.change_password, name="change_password"),
    path("phones/<uuid:phone>/end/", org.end_phone, name="end_phone"),
    path("cards/", card_views.cards, name="cards"),
    path("card/<str:token>", card_views.open_card, name="open_card"),
    path("big/", org.big_text, name="big_text"),
    path("feedback/", org.complaint, name="complaint"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_patterns)),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
