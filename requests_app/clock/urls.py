from django.urls import path

from requests_app.clock import staff_views, views

public_urlpatterns = [
    path("deadlines/", views.calculate, name="calculator"),
    path("deadlines/calendar/", views.public_calendar, name="public-calendar"),
]
staff_urlpatterns = [
    path("desk/calendar/", staff_views.calendar, name="calendar"),
    path("desk/calendar/close/", staff_views.close, name="close"),
    path("desk/calendar/closures/<int:number>/open/", staff_views.reopen, name="reopen"),
    path("desk/calendar/versions/<int:number>/", staff_views.version, name="version"),
    path("desk/calendar/changes/<int:number>/", staff_views.change, name="change"),
    path("desk/calendar/changes/<int:number>/progress/", staff_views.progress, name="progress"),
    path("desk/calendar/changes/<int:number>/approve/", staff_views.approve, name="approve"),
    path("desk/calendar/changes/<int:number>/withdraw/", staff_views.withdraw, name="withdraw"),
    path("desk/calendar/changes/<int:number>/again/", staff_views.compare_again, name="compare-again"),
]
