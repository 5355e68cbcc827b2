"""The paths."""

from django.urls import path

from django_rest.views import Answers, ready

_PATH = "integrations/answeredintegrationpersonalinformationaccess/"

urlpatterns = [
    path("health/ready", ready),
    path(f"{_PATH}list/", Answers.as_view({"get": "list", "post": "bulk"})),
    path(f"{_PATH}<uuid:pk>/", Answers.as_view({"get": "retrieve"})),
    path(_PATH, Answers.as_view({"post": "create"})),
]
