"""What several tests need: homes, applications, calls, machines, and stand-ins for services."""
