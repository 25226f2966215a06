from django.urls import path

from requests_app.tracking import views

public_urlpatterns = [
    path("my/requests/", views.requests, name="list"),
    path("my/requests/<str:key>/", views.detail, name="request"),
    path("my/requests/<str:key>/messages/", views.message, name="message"),
    path("my/requests/<str:key>/letters/<int:letter>/", views.letter, name="letter"),
    path("my/requests/<str:key>/letters/<int:letter>/read/", views.letter_page, name="letter-page"),
    path("my/requests/<str:key>/withdraw/", views.withdraw, name="withdraw"),
]
