from django.urls import path

from requests_app.desk import views

staff_urlpatterns = [
    path("desk/", views.queue, name="queue"),
    path("desk/export/", views.export, name="export"),
    path("desk/requests/<str:key>/", views.detail, name="request"),
    path("desk/requests/<str:key>/assign/", views.assign, name="assign"),
    path("desk/requests/<str:key>/do/<slug:action>/", views.act, name="act"),
]
