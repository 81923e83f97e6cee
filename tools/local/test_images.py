import unittest

from . import images, seed
from .demo import order, preorder

# What the pages can load quickly on a phone.
BYTES_MAX = 60_000
ALT_CHARS_MAX = 200


class TestImages(unittest.TestCase):
    def test_every_product_of_catalogue_and_demo_has_an_image(self) -> None:
        names = {product["name"] for product in seed.CATALOGUE} | {order.PRODUCT, preorder.PRODUCT}
        self.assertEqual(set(images.IMAGES), names)

    def test_every_drawing_is_rendered_small_and_used(self) -> None:
        used = {name for listed in images.IMAGES.values() for name, _ in listed}
        self.assertEqual({path.stem for path in images.FOLDER.glob("*.svg")}, used)
        self.assertEqual({path.stem for path in images.FOLDER.glob("*.webp")}, used)
        for path in images.FOLDER.glob("*.webp"):
            file = path.read_bytes()
            self.assertEqual((file[:4], file[8:12]), (b"RIFF", b"WEBP"), path.name)
            self.assertLessEqual(len(file), BYTES_MAX, path.name)

    def test_every_image_is_described(self) -> None:
        for listed in images.IMAGES.values():
            for name, alt in listed:
                self.assertTrue(0 < len(alt) <= ALT_CHARS_MAX, name)


if __name__ == "__main__":
    unittest.main()
