from django.urls import path

from requests_app.intake import views

public_urlpatterns = [
    path("request/", views.start, name="start"),
    path("request/resume/<str:key>/", views.resume, name="resume"),
    path("request/check/", views.check, name="check"),
    path("request/filed/<str:key>/", views.confirmation, name="confirmation"),
    path("request/<slug:slug>/", views.step, name="step"),
]
