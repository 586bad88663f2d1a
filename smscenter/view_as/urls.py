from django.urls import path

from smscenter.view_as import views

urlpatterns = [
    path("view-as/<int:pk>/", views.view_as, name="view_as"),
    path("view-as/stop/", views.view_as_stop, name="view_as_stop"),
]
