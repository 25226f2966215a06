from django.urls import path

from requests_app.correspondence import delivery_views, views

public_urlpatterns = [path("mail/events/", delivery_views.webhook, name="mail-events")]
staff_urlpatterns = [
    path("desk/letters/", views.template_list, name="templates"),
    path("desk/letters/versions/<int:pk>/", views.template_version, name="template-version"),
    path("desk/letters/versions/<int:pk>/publish/", views.template_publish, name="template-publish"),
    path("desk/letters/<slug:kind>/<slug:law>/<slug:language>/", views.template_edit, name="template-edit"),
    path("desk/mail/", delivery_views.delivery, name="delivery"),
    path("desk/mail/<int:pk>/again/", delivery_views.retry, name="mail-retry"),
    path("desk/mail/tasks/<int:task>/settle/", delivery_views.resolve, name="mail-settle"),
]
