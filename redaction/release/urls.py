from django.urls import path

from redaction.release import desk, views

app_name = "release"

public_urlpatterns = [
    path("check-a-package/", views.check, name="check"),
    path("check-a-package/verify.py", views.verifier, name="verifier"),
    path("my/requests/<str:key>/downloads/", views.downloads, name="downloads"),
    path("my/requests/<str:key>/downloads/letter/", views.letter, name="letter"),
    path("my/releases/<str:manifest_key>/link/", views.link, name="link"),
    path("my/files/<str:token>/", views.file, name="file"),
    path("my/watch/<str:token>/", views.watch, name="watch"),
]
staff_urlpatterns = [
    path("desk/requests/<str:key>/release/", desk.staff, name="staff"),
    path("desk/requests/<str:key>/release/create/", desk.create, name="create"),
    path("desk/releases/<str:manifest_key>/progress/", desk.progress, name="progress"),
    path("desk/releases/<str:manifest_key>/recall/", desk.recall, name="recall"),
    path("desk/releases/<str:manifest_key>/retry/", desk.retry, name="retry"),
    path("desk/releases/<str:manifest_key>/abandon/", desk.abandon, name="abandon"),
    path("desk/releases/<str:manifest_key>/link/", desk.staff_link, name="staff-link"),
    path("desk/files/<str:token>/", views.file, name="staff-file"),
]
