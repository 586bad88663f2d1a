from django.urls import path

from search.views import columns, completion, saved

urlpatterns = [
    path("search/complete/", completion.search_complete, name="search_complete"),
    path("search/words/", completion.search_reference, name="search_reference"),
    path("lists/columns/", columns.list_columns_chosen, name="list_columns"),
    path("views/", saved.saved_view_list, name="saved_view_list"),
    path("views/sidebar/", saved.saved_view_sidebar, name="saved_view_sidebar"),
    path("views/counts/", saved.saved_view_counts, name="saved_view_counts"),
    path("views/new/", saved.saved_view_new, name="saved_view_new"),
    path("views/<int:pk>/edit/", saved.saved_view_edit, name="saved_view_edit"),
    path("views/<int:pk>/delete/", saved.saved_view_delete, name="saved_view_delete"),
    path("views/<int:pk>/move/", saved.saved_view_move, name="saved_view_move"),
]
