from django.urls import path

from requests_app.custody import views

app_name = "custody"
staff_urlpatterns = [
    path("desk/requests/<str:key>/records/add/", views.add, name="add"),
    path("desk/requests/<str:key>/preservation/<int:task>/", views.attest, name="attest"),
    path("desk/records/<str:key>/original/", views.original, name="original"),
    path("desk/records/<str:key>/transcript/", views.transcript, name="transcript"),
]
