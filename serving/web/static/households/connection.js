// The stream: a snapshot, then deltas in order. After a break the page names its place and gets what it missed.
export function connect({ place, onSnapshot, onDelta, onStatus, onState }) {
  const socket = io("/households", { transports: ["websocket"], auth: (send) => send(place()) });
  socket.on("disconnect", () => onState("away"));
  socket.on("connect_error", () => onState("away"));
  socket.on("status", onStatus);
  socket.on("snapshot", onSnapshot);
  socket.on("delta", (delta) => {
    const { seq } = place();
    if (delta.seq <= seq) return; // told already
    if (delta.previous !== seq) { socket.disconnect().connect(); return; } // never seen so far: start again from our place
    onDelta(delta);
  });
  return socket;
}
