from webapp.command import pass_desk, print_json

__all__ = ["pass_desk", "print_json"]
