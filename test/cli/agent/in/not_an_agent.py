"""Answers the first question with a list of keys that is cut short."""
import os
import socket

server = socket.socket(socket.AF_UNIX)
server.bind("not_an_agent.new")
server.listen(1)
os.rename("not_an_agent.new", "not_an_agent")
client, _ = server.accept()
client.recv(5)
client.sendall(b"\0\0\0\5\x0c\0\0\0\1")
client.close()
