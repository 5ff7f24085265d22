import numpy as np
from landsketch.core.quantisation import NO_DATA, LinearCodes, PowerCodes, unit_vectors


def test_alphaearth_codes_have_the_values_of_its_guide():
    codes = np.array([-128, -127, 0, 64, 127], np.int8)
    values = PowerCodes().decode(codes)
    assert np.isnan(values[0])
    np.testing.assert_allclose(values[1:], [-0.9921722, 0, 0.2519646, 0.9921722], rtol=0, atol=5e-8)


def test_unit_vectors_have_length_one_and_leave_zero_and_no_data():
    image = np.random.default_rng(0).normal(size=(64, 3, 4)).astype(np.float32)
    image[:, 0, 0], image[:, 1, 1] = 0, np.nan
    unit = unit_vectors(image.copy())
    length = np.linalg.norm(unit, axis=0)
    assert length[0, 0] == 0 and np.isnan(length[1, 1])
    np.testing.assert_allclose(np.delete(length.ravel(), [0, 5]), 1, atol=1e-6)
    np.testing.assert_allclose(unit[:, 2, 3], image[:, 2, 3] / np.linalg.norm(image[:, 2, 3]), atol=1e-6)


def bands(count=2000):
    """Four bands: tiny values, large ones, some behind a rectifier, and a constant."""
    rng = np.random.default_rng(1)
    plain = rng.normal(size=(4, count)).astype(np.float32)
    return np.stack([plain[0] * 1e-3, plain[1] * 50 + 400, np.maximum(plain[2], 0), np.full(count, 2.5, np.float32)])


def test_values_come_back_to_half_a_scale_where_nothing_was_clipped():
    values = bands().astype(np.float32)
    codes = LinearCodes.fitted([values])
    scales, offsets = np.array(codes.scales)[:, None], np.array(codes.offsets)[:, None]
    error = np.abs(codes.decode(codes.encode(values)) - values)
    inside = np.abs(values - offsets) <= 127 * scales
    assert inside.mean() > 0.99
    assert (error <= scales * 0.5001 + np.abs(values) * 1e-6)[inside].all()
    # Behind a rectifier, all codes are used and not only the positive half of them.
    assert codes.encode(values)[2].min() == -127
    assert error[3].max() == 0


def test_outliers_are_clipped_and_counted():
    values = np.random.default_rng(0).normal(size=(2, 5000)).astype(np.float32)
    codes = LinearCodes.fitted([values])
    values[0, :3], values[1, 0] = 1e6, -1e6
    more = codes.clipped(values)
    encoded = codes.encode(values)
    assert (encoded[0, :3] == 127).all() and encoded[1, 0] == -127
    assert more - 4 <= 0.002 * values.size


def test_no_data_stays_no_data():
    values = bands().astype(np.float32).reshape(4, 40, 50)
    values[:, 3, 5] = np.nan
    codes = LinearCodes.fitted([values.reshape(4, -1)])
    encoded = codes.encode(values)
    assert (encoded[:, 3, 5] == NO_DATA).all() and (encoded == NO_DATA).sum() == 4
    assert np.isnan(codes.decode(encoded)[:, 3, 5]).all()
    assert codes.clipped(values[:, 3:4, 5:6]) == 0
