from django.urls import path

from requests_app.desk import law_views, oversight_views, people_views, views

staff_urlpatterns = [
    path("desk/", views.queue, name="queue"),
    path("desk/export/", views.export, name="export"),
    path("desk/requests/<str:key>/", views.detail, name="request"),
    path("desk/requests/<str:key>/assign/", views.assign, name="assign"),
    path("desk/requests/<str:key>/do/<slug:action>/", views.act, name="act"),
    path("desk/law/", law_views.law, name="law"),
    path("desk/law/use/", law_views.use, name="law-use"),
    path("desk/law/agency/", law_views.edit_agency, name="law-agency"),
    path("desk/law/closures/", law_views.close_on, name="closure-add"),
    path("desk/law/closures/<int:pk>/remove/", law_views.open_on, name="closure-remove"),
    path("desk/exemptions/", law_views.exemptions, name="exemptions"),
    path("desk/exemptions/<int:pk>/end/", law_views.end_exemption, name="exemption-end"),
    path("desk/people/", people_views.people, name="people"),
    path("desk/people/<int:pk>/grant/", people_views.grant, name="role-grant"),
    path("desk/people/<int:pk>/revoke/", people_views.revoke, name="role-revoke"),
    path("desk/people/<int:pk>/deactivate/", people_views.deactivate, name="person-deactivate"),
    path("desk/audit/", oversight_views.audit_trail, name="audit"),
    path("desk/audit/verify/", oversight_views.verify, name="audit-verify"),
    path("desk/health/", oversight_views.health, name="health"),
    path("desk/health/jobs/<int:pk>/retry/", oversight_views.retry, name="job-retry"),
]
