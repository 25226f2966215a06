from django.urls import path

from requests_app.desk import letter_urls, oversight_views, people_views, views

staff_urlpatterns = [
    path("desk/", views.queue, name="queue"),
    path("desk/export/", views.export, name="export"),
    path("desk/requests/<str:key>/", views.detail, name="request"),
    path("desk/requests/<str:key>/assign/", views.assign, name="assign"),
    path("desk/requests/<str:key>/do/<slug:action>/", views.act, name="act"),
    *letter_urls.patterns,
    path("desk/people/", people_views.people, name="people"),
    path("desk/people/<int:pk>/grant/", people_views.grant, name="role-grant"),
    path("desk/people/<int:pk>/revoke/", people_views.revoke, name="role-revoke"),
    path("desk/people/<int:pk>/deactivate/", people_views.deactivate, name="person-deactivate"),
    path("desk/audit/", oversight_views.audit_trail, name="audit"),
    path("desk/audit/verify/", oversight_views.verify, name="audit-verify"),
    path("desk/health/", oversight_views.health, name="health"),
    path("desk/health/jobs/<int:pk>/retry/", oversight_views.retry, name="job-retry"),
]
