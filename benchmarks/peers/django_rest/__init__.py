"""The answers with Django REST framework and django-filter."""
