"""The check of a message before it is sent: on the mails as people really get them, with scorers and the network beside."""
