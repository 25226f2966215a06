from django.urls import path

from requests_app.fees import books, desk, papers, publishing, views

public_urlpatterns = [
    path("fees/", views.public_schedule, name="public-schedule"),
    path("my/requests/<str:key>/fees/", views.page, name="page"),
    path("my/requests/<str:key>/fees/answer/<slug:action>/", views.answer, name="answer"),
    path("my/requests/<str:key>/fees/pay/", views.pay, name="pay"),
    path("my/requests/<str:key>/fees/statement/", views.statement, name="statement"),
    path("my/payments/<str:payment_key>/receipt/", views.receipt, name="receipt"),
    path("my/invoices/<str:paper_key>/", papers.invoice, name="invoice"),
    path("my/papers/<slug:paper>/<str:paper_key>/pdf/", papers.pdf, name="paper"),
    path("payments/demo/<str:payment_key>/", views.demo_checkout, name="demo-checkout"),
    path("payments/stripe/", views.webhook, name="stripe-webhook"),
]
staff_urlpatterns = [
    path("desk/requests/<str:key>/fees/", desk.worksheet, name="worksheet"),
    path("desk/requests/<str:key>/fees/send/", desk.send, name="send"),
    path("desk/requests/<str:key>/fees/nothing/", desk.charge_nothing, name="charge-nothing"),
    path("desk/requests/<str:key>/fees/waiver/", desk.waiver, name="waiver"),
    path("desk/requests/<str:key>/fees/counter/", desk.counter, name="counter"),
    path("desk/invoices/<str:paper_key>/", papers.staff_invoice, name="staff-invoice"),
    path("desk/papers/<slug:paper>/<str:paper_key>/pdf/", papers.staff_pdf, name="staff-paper"),
    path("desk/requests/<str:key>/fees/refund/", desk.refund, name="refund"),
    path("desk/requests/<str:key>/fees/final/", desk.final, name="final"),
    path("desk/requests/<str:key>/fees/write-off/", desk.write_off, name="write-off"),
    path("desk/requests/<str:key>/fees/refunds/<str:refund_key>/", desk.decide_refund, name="decide-refund"),
    path("desk/books/", books.books, name="books"),
    path("desk/books/day/", books.day, name="books-day"),
    path("desk/books/day.csv", books.day_csv, name="books-day-csv"),
    path("desk/books/ledger/", books.general_ledger, name="books-ledger"),
    path("desk/books/rules/", books.rules, name="books-rules"),
    path("desk/books/tasks/<int:pk>/", books.close_task, name="close-task"),
    path("desk/fee-schedules/", publishing.schedule_list, name="schedules"),
    path("desk/fee-schedules/new/", publishing.schedule_new, name="schedule-new"),
    path("desk/fee-schedules/<int:pk>/", publishing.schedule_detail, name="schedule"),
    path("desk/fee-schedules/<int:pk>/publish/", publishing.schedule_publish, name="schedule-publish"),
]
