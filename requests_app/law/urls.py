from django.urls import path

from requests_app.law import (
    adoption_views,
    draft_views,
    editor_views,
    exemption_views,
    version_views,
    views,
)

public_urlpatterns = [
    path("law/", views.public, name="public"),
]
staff_urlpatterns = [
    path("desk/law/", views.index, name="index"),
    path("desk/law/use/", views.use, name="use"),
    path("desk/law/agency/", views.edit_agency, name="agency"),
    path("desk/law/versions/<int:pk>/", version_views.version, name="version"),
    path("desk/law/versions/<int:pk>/since/<int:other>/", version_views.diff, name="diff"),
    path("desk/law/versions/<int:pk>/export/", version_views.export, name="export"),
    path("desk/law/adoption/", adoption_views.adoption, name="adoption"),
    path("desk/law/versions/<int:pk>/adoption/", adoption_views.adopt, name="adopt"),
    path("desk/law/versions/<int:pk>/adoption/take-back/", adoption_views.take_back, name="take-back"),
    path("desk/law/drafts/new/", draft_views.new, name="draft-new"),
    path("desk/law/drafts/<int:pk>/", draft_views.draft, name="draft"),
    path("desk/law/drafts/<int:pk>/about/", editor_views.facts, name="draft-facts"),
    path("desk/law/drafts/<int:pk>/rule/", editor_views.edit, name="rule"),
    path("desk/law/drafts/<int:pk>/holiday/", draft_views.add_holiday, name="draft-holiday"),
    path("desk/law/drafts/<int:pk>/publish/", draft_views.publish, name="publish"),
    path("desk/law/drafts/<int:pk>/discard/", draft_views.discard, name="discard"),
    path("desk/law/drafts/<int:pk>/export/", draft_views.export, name="draft-export"),
    path("desk/law/exemptions/", exemption_views.exemptions, name="exemptions"),
    path("desk/law/exemptions/<int:pk>/end/", exemption_views.end_exemption, name="exemption-end"),
]
