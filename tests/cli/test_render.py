"""gpubench render: pictures of the path tracer's scenes."""

import signal
import struct
import subprocess
import time
import zlib

from harness import PROGRAM, ProgramTest, environment


def pixels_of(file):
    """Width, height and rows of (r, g, b), of a PNG of 8-bit RGB without interlacing."""
    data = file.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            packed += body
        at += 12 + size
    width, height, depth, colour, _, _, interlace = header
    assert (depth, colour, interlace) == (8, 2, 0)
    raw, before, rows = zlib.decompress(packed), bytes(width * 3), []
    for y in range(height):
        line = bytearray(raw[y * (width * 3 + 1):(y + 1) * (width * 3 + 1)])
        method = line.pop(0)
        for i, value in enumerate(line):
            left = line[i - 3] if i >= 3 else 0
            up, corner = before[i], before[i - 3] if i >= 3 else 0
            estimate = left + up - corner
            nearest = min((left, up, corner), key=lambda v: abs(estimate - v))
            line[i] = (value + (0, left, up, (left + up) // 2, nearest)[method]) & 255
        before = bytes(line)
        rows.append([tuple(before[i:i + 3]) for i in range(0, width * 3, 3)])
    return width, height, rows


class Render(ProgramTest):
    def test_cornell_has_a_red_left_and_a_green_right_wall_and_a_lamp(self):
        done = self.succeed("render", "--scene", "cornell", "--width", 64, "--height", 64, "--samples", 64, "--output",
                            "c.png")
        self.assertIn("20516 triangles, 64 x 64 pixels, 64 samples a pixel", done.stderr)
        self.assertEqual(done.stdout, "")
        width, height, rows = pixels_of(self.here / "c.png")
        self.assertEqual((width, height), (64, 64))
        red, green = ([sum(rows[y][x][k] for y in range(26, 38)) for k in range(3)] for x in (7, 56))
        lamp = rows[10][32]
        self.assertGreater(red[0], 1.5 * red[1])
        self.assertGreater(green[1], 1.2 * green[0])
        self.assertEqual(lamp[:2], (255, 255))

    def test_the_same_picture_each_time(self):
        for name in "a.png", "b.png":
            self.succeed("render", "--width", 24, "--height", 16, "--samples", 2, "--output", name, "--quiet")
        self.assertEqual((self.here / "a.png").read_bytes(), (self.here / "b.png").read_bytes())

    def test_meadow_has_its_sky_above_its_grass(self):
        self.succeed("render", "--scene", "meadow", "--width", 64, "--height", 36, "--samples", 16, "--output", "m.png")
        _, _, rows = pixels_of(self.here / "m.png")
        sky = rows[2][32]
        self.assertGreater(sky[2], sky[0])
        grass = [sum(pixel[k] for pixel in rows[30]) for k in range(3)]
        self.assertGreater(grass[1], grass[2])

    def test_bad_input_is_refused_before_anything_is_drawn(self):
        self.refuse("render", says=("no file", "--output picture.png"))
        self.refuse("render", "--output", "a.png", "--scene", "teapot", says=("--scene", "teapot", "cornell, meadow"))
        self.refuse("render", "--output", "a.png", "--width", "0", says=("--width", "16384"))
        self.refuse("render", "--output", "a.png", "--samples", "many", says=("--samples",))
        self.refuse("render", "--output", "a.png", "--format", "json", says=("--format",))
        self.refuse("render", "--output", "missing/a.png", says=("missing",))

    def test_an_interrupted_picture_leaves_no_file(self):
        process = subprocess.Popen([PROGRAM, "render", "--width", "4096", "--height", "4096", "--samples", "65536",
                                    "--output", "a.png"], cwd=self.here, env=environment())
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        self.assertNotEqual(process.wait(timeout=30), 0)
        self.assertEqual(list(self.here.iterdir()), [])
