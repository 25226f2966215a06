"""The addresses of a request's letters, part of the desk's."""

from django.urls import path

from requests_app.desk import letter_views

patterns = [
    path("desk/requests/<str:key>/letters/", letter_views.choose, name="letters"),
    path("desk/requests/<str:key>/letters/write/<slug:kind>/", letter_views.write, name="letter-write"),
    path("desk/requests/<str:key>/letters/<int:letter>/", letter_views.letter, name="letter"),
    path("desk/requests/<str:key>/letters/<int:letter>/pdf/", letter_views.letter_pdf, name="letter-pdf"),
    path(
        "desk/requests/<str:key>/letters/<int:letter>/again/", letter_views.letter_again, name="letter-again"
    ),
]
