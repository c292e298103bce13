"""The baseline of the latency benchmark: a FastAPI route that returns a constant. Run with the port as argument."""

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.post("/api/v1/next-video")
async def constant() -> dict[str, str]:
    return {"case": "regular"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
