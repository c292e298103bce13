"""The pages: server-rendered, German and English, keyboard-usable, without any address outside this server."""
