from django.urls import path

from requests_app.transparency import views

public_urlpatterns = [
    path("log/", views.log, name="log"),
    path("log/requests.csv", views.log_csv, name="log-csv"),
    path("log/requests.json", views.log_json, name="log-json"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
