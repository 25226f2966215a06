from django.urls import path

from redaction.workbench import flight_stage, reviewing, saving, transcripts, views, work

app_name = "workbench"
staff_urlpatterns = [
    path("desk/requests/<str:key>/records/", views.records, name="records"),
    path("desk/records/<str:key>/work/", work.work, name="work"),
    path("desk/records/<str:key>/work/plan/", saving.plan, name="plan"),
    path("desk/records/<str:key>/marks/", views.marks, name="marks"),
    path("desk/records/<str:key>/marks/add/<slug:kind>/", views.add_mark, name="add-mark"),
    path("desk/records/<str:key>/marks/remove/", views.remove_mark, name="remove-mark"),
    path("desk/records/<str:key>/marks/columns/", views.set_columns, name="set-columns"),
    path("desk/records/<str:key>/marks/json/", views.set_raw, name="set-raw"),
    path("desk/records/<str:key>/marks/transcript/", transcripts.attach, name="attach-transcript"),
    path("desk/records/<str:key>/withhold/", views.withhold, name="withhold"),
    path("desk/records/<str:key>/set-aside/", views.set_aside, name="set-aside"),
    path("desk/records/<str:key>/render/", views.make, name="render"),
    path("desk/records/<str:key>/progress/", views.progress, name="progress"),
    path("desk/records/<str:key>/preview/<int:number>.png", reviewing.preview, name="preview"),
    path("desk/records/<str:key>/review/", reviewing.review, name="review"),
    path("desk/records/<str:key>/review/approve/", reviewing.approve, name="approve"),
    path("desk/records/<str:key>/review/send-back/", reviewing.send_back, name="send-back"),
    path("desk/records/<str:key>/result/", reviewing.result, name="result"),
    path("desk/records/<str:key>/beside/<str:name>", reviewing.companion, name="companion"),
    path("desk/records/<str:key>/result/<int:number>.png", reviewing.result_preview, name="result-preview"),
    *flight_stage.urlpatterns,
]
