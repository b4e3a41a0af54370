"""Live runs on the server: started, watched over a WebSocket, steered by their owner."""
