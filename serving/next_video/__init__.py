"""Next-Video over HTTP: the form of requests and answers, the service behind the route, the record of each answer."""
