from django.urls import path

from requests_app.custody import case_views, hold_views, retention_views, views

app_name = "custody"
staff_urlpatterns = [
    path("desk/requests/<str:key>/records/add/", views.add, name="add"),
    path("desk/requests/<str:key>/preservation/<int:task>/", views.attest, name="attest"),
    path("desk/records/<str:key>/original/", views.original, name="original"),
    path("desk/records/<str:key>/retention/", case_views.facts, name="facts"),
    path("desk/records/<str:key>/determine/", case_views.determine, name="determine"),
    path("desk/retention/", retention_views.retention, name="retention"),
    path("desk/retention/schedules/add/", retention_views.add_schedule, name="schedule-add"),
    path("desk/retention/schedules/<int:pk>/end/", retention_views.end_schedule, name="schedule-end"),
    path("desk/retention/due/", retention_views.due, name="due"),
    path("desk/retention/purges/<str:purge_key>/", retention_views.purge, name="purge"),
    path("desk/retention/purges/<str:purge_key>/confirm/", retention_views.confirm, name="purge-confirm"),
    path("desk/retention/purges/<str:purge_key>/refuse/", retention_views.refuse, name="purge-refuse"),
    path(
        "desk/retention/purges/<str:purge_key>/certificate/<slug:kind>/",
        retention_views.certificate,
        name="certificate",
    ),
    path("desk/retention/holds/", hold_views.holds, name="holds"),
    path("desk/retention/holds/<int:pk>/propose/", hold_views.propose_release, name="hold-propose"),
    path("desk/retention/holds/<int:pk>/confirm/", hold_views.confirm_release, name="hold-confirm"),
    path("desk/retention/conflicts/", hold_views.conflict_list, name="conflicts"),
    path("desk/retention/conflicts/<int:pk>/decide/", hold_views.decide, name="conflict-decide"),
    path("desk/retention/cases/", case_views.cases, name="cases"),
    path("desk/retention/cases/<str:case_key>/", case_views.case, name="case"),
]
