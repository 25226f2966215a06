from django.urls import path

from requests_app.appeals import desk, views

public_urlpatterns = [
    path("my/requests/<str:key>/appeal/", views.file, name="file"),
    path("my/requests/<str:key>/appeal/withdraw/", views.withdraw, name="withdraw"),
]
staff_urlpatterns = [
    path("desk/appeals/", desk.queue, name="queue"),
    path("desk/appeals/<str:key>/", desk.detail, name="detail"),
    path("desk/appeals/<str:key>/start/", desk.start, name="start"),
    path("desk/appeals/<str:key>/decide/", desk.decide, name="decide"),
]
