"""The project's asgi.py: `uvicorn asgi:application`."""

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

django_app = get_asgi_application()

from live import LiveConsumer  # noqa: E402 (after Django's start)

application = ProtocolTypeRouter(
    {
        "http": django_app,
        "websocket": AllowedHostsOriginValidator(URLRouter([path("ws", LiveConsumer.as_asgi())])),
    }
)
