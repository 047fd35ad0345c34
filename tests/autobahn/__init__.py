"""The Autobahn websocket testsuite, run against an echo server on the library's transport."""
