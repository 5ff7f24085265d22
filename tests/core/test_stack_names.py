"""What file names say: real names of products and of people."""

from datetime import date

import pytest
from landsketch.core.stack_names import date_in, dates_of_bands, mask_kind, read_name, tagged_date

TODAY = date(2026, 11, 21)
SAFE = "S2A_MSIL2A_20170709T094031_N0205_R036_T34TFL_20170709T094309.SAFE"
GRANULE = f"{SAFE}/GRANULE/L2A_T34TFL_A010689_20170709T094308"
S1_SAFE = "S1A_IW_GRDH_1SDV_20200103T170841_20200103T170906_030639_0382D5_360A.SAFE"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("S2L1C_2015-07-31.tif", "2015-07-31"),
        ("S1_2020-11-01.tif", "2020-11-01"),
        ("S1_20200103_000.tif", "2020-01-03"),
        ("ETM_1999-11-18.tif", "1999-11-18"),
        ("s2_l2a_20240713.tif", "2024-07-13"),
        ("field_20200514_clip", "2020-05-14"),
        ("2020-05-14", "2020-05-14"),
        ("2020_05_14", "2020-05-14"),
        ("2020.05.14", "2020-05-14"),
        ("ortho 2020-05-14 10h", "2020-05-14"),
        ("2020-05", "2020-05-15"),
        ("S2_2020_05_median", "2020-05-15"),
        ("202005", "2020-05-15"),
        ("composite_202005_v2", "2020-05-15"),
        ("2020135", "2020-05-14"),
        ("MOD09A1.A2020137.h18v04.061.2020340021445", "2020-05-16"),
        ("HLS.L30.T32UPU.2020135T101112.v2.0.B04", "2020-05-14"),
        ("LC08_L2SP_191027_20200514_20200820_02_T1_SR_B4", "2020-05-14"),
        ("LC08_L2SP_201012_20200514_20200820_02_T1_SR_B4", "2020-05-14"),
        ("LC81910272020135LGN00_B4", "2020-05-14"),
        ("20180514_LEVEL2_SEN2A_BOA", "2018-05-14"),
        ("20200514_101112_ssc4_u0001_analytic_SR", "2020-05-14"),
        ("20200514_101112_55_2403_3B_AnalyticMS_SR_8b_clip", "2020-05-14"),
        (SAFE, "2017-07-09"),
        (S1_SAFE, "2020-01-03"),
        ("s1a-iw-grd-vv-20200103t170841-20200103t170906-030639-0382d5-001", "2020-01-03"),
        ("S1A_20170613_33UUP_61_39-41_S1", "2017-06-13"),
        ("S2A_MSIL2A_20170617T113321_36_85_S2L2A", "2017-06-17"),
        ("S2B_MSIL2A_20170924T93021_41_29_S2L2A", "2017-09-24"),
        ("T32UNC_20201023T102029_B04_10m", "2020-10-23"),
        ("luftbild_19560713", "1956-07-13"),
        ("2023-04-02 00:00:00", "2023-04-02"),
        ("2015-07-11T10:00:08", "2015-07-11"),
        ("20200501-20200531_median", "2020-05-01"),
    ],
)
def test_dates_are_found_in_the_forms_that_are_used(text, day):
    assert date_in(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "DEM", "CLOUD_68dates", "tile_2048_10", "tile_1024_05", "T32UNC", "h18v04", "191027", "199027", "v2.0.1",
        "20190230", "20201301", "2020366T", "99999999", "20991231", "0382D5", "s2_1500_2500", "block_512_512",
        "12345678901234", "N0400_R065", "2020366_", "EPSG32632", "123_2020",
        "2021366", "19000145", "x2020_05y",
    ],
)  # fmt: skip
def test_numbers_that_are_no_dates_are_left(text):
    if text == "2020366_":  # a leap year has a 366th day, other years do not
        assert date_in(text, TODAY) == "2020-12-31"
    else:
        assert date_in(text, TODAY) == ""


@pytest.mark.parametrize(
    ("path", "sensor", "band", "image"),
    [
        (f"{GRANULE}/IMG_DATA/R10m/T34TFL_20170709T094031_B04_10m.jp2", "sentinel-2-l2a", "B04",
         "T34TFL_20170709T094031"),
        (f"{GRANULE}/IMG_DATA/R20m/T34TFL_20170709T094031_B8A_20m.jp2", "sentinel-2-l2a", "B8A",
         "T34TFL_20170709T094031"),
        (f"{SAFE.replace('2A_', '1C_')}/GRANULE/L1C_T34TFL/IMG_DATA/T34TFL_20170709T094031_B10.jp2",
         "sentinel-2-l1c", "B10", "T34TFL_20170709T094031"),
        ("S2L1C_2015-07-31.tif", "sentinel-2-l1c", "", "S2L1C_2015-07-31"),
        ("S2_2020-11-01.tif", "sentinel-2-l2a", "", "S2_2020-11-01"),
        ("S1_2020-11-01.tif", "sentinel-1-rtc", "", "S1_2020-11-01"),
        (f"{S1_SAFE}/measurement/s1a-iw-grd-vv-20200103t170841-20200103t170906-030639-0382d5-001.tiff",
         "sentinel-1-grd", "VV", "s1a-iw-grd-20200103t170841-20200103t170906-030639-0382d5"),
        ("LC08_L2SP_191027_20200514_20200820_02_T1_SR_B4.TIF", "landsat-8", "B4",
         "LC08_L2SP_191027_20200514_20200820_02_T1"),
        ("LE07_L1TP_191027_20200514_20200820_02_T1_B6_VCID_1.TIF", "landsat-7", "B6_VCID_1",
         "LE07_L1TP_191027_20200514_20200820_02_T1"),
        ("LT05_L2SP_191027_19900514_20200820_02_T1_SR_B3.TIF", "landsat-7", "B3",
         "LT05_L2SP_191027_19900514_20200820_02_T1"),
        ("20180514_LEVEL2_SEN2A_BOA.tif", "sentinel-2-l2a", "", "20180514_LEVEL2_SEN2A_BOA"),
        ("20180514_LEVEL2_LND08_BOA.tif", "landsat-8", "", "20180514_LEVEL2_LND08_BOA"),
        ("20180514_LEVEL2_LND05_TOA.tif", "landsat-7", "", "20180514_LEVEL2_LND05_TOA"),
        ("20200514_101112_55_2403_3B_AnalyticMS_SR.tif", "generic", "", "20200514_101112_55_2403_3B_AnalyticMS_SR"),
        ("HLS.S30.T32UPU.2020135T101112.v2.0.B8A.tif", "sentinel-2-l2a", "B8A", "HLS.S30.T32UPU.2020135T101112.v2.0"),
        ("HLS.L30.T32UPU.2020135T101112.v2.0.B04.tif", "landsat-8", "B04", "HLS.L30.T32UPU.2020135T101112.v2.0"),
        ("field_20200514_red.tif", "", "RED", "field_20200514"),
        ("aerial.tif", "", "", "aerial"),
    ],
)  # fmt: skip
def test_sensor_and_band_are_read_from_names(path, sensor, band, image):
    named = read_name(path, TODAY)
    assert (named.sensor, named.band, named.image, named.mask) == (sensor, band, image, "")
    assert not named.beside


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("T34TFL_20170709T094031_SCL_20m.jp2", "scl"),
        ("S2_20200514_SCL.tif", "scl"),
        ("LC08_L2SP_191027_20200514_20200820_02_T1_QA_PIXEL.TIF", "qa_pixel"),
        ("20200514_101112_55_2403_3B_udm2_clip.tif", "udm2"),
        ("HLS.L30.T32UPU.2020135T101112.v2.0.Fmask.tif", "hls_fmask"),
        ("FMASK_1999-11-18.tif", "fmask"),
        ("20180514_LEVEL2_SEN2A_QAI.tif", "force_qai"),
        ("S2_20200514_QA60.tif", "qa60"),
        ("CLOUD_2015-07-31.tif", "mask"),
        ("MASK_20200102.tif", "mask"),
        ("MSK_CLDPRB_20m.jp2", "probability"),
    ],
)
def test_masks_are_told_from_images(name, kind):
    assert read_name(name, TODAY).mask == kind


@pytest.mark.parametrize(
    "name",
    [
        "T34TFL_20170709T094031_TCI_10m.jp2", "T34TFL_20170709T094031_WVP_10m.jp2", "MSK_SNWPRB_20m.jp2",
        "LC08_L2SP_191027_20200514_20200820_02_T1_QA_RADSAT.TIF",
        "LC08_L2SP_191027_20200514_20200820_02_T1_SR_QA_AEROSOL.TIF",
        "LC08_L2SP_191027_20200514_20200820_02_T1_ST_EMIS.TIF", "HLS.S30.T32UPU.2020135T101112.v2.0.SZA.tif",
        "20180514_LEVEL2_SEN2A_DST.tif",
    ],
)  # fmt: skip
def test_files_beside_the_bands_are_told_apart(name):
    assert read_name(name, TODAY).beside


def test_folders_tell_what_the_file_does_not():
    assert read_name("field/2020-05-14/B04.tif", TODAY).date == "2020-05-14"
    assert read_name(f"{GRANULE}/QI_DATA/MSK_CLDPRB_20m.jp2", TODAY).date == "2017-07-09"
    assert read_name("2020-05-14/field_20210601.tif", TODAY).date == "2021-06-01"


def test_tags_tell_the_day_of_acquisition():
    assert tagged_date({"datetime": "2015-07-11T10:00:08", "AREA_OR_POINT": "Area"}) == "2015-07-11"
    assert tagged_date({"TIFFTAG_DATETIME": "2020:05:14 10:00:00"}) == "2020-05-14"
    assert tagged_date({"creation_date": "2024-01-01", "ACQUISITION_DATE": "2020-05-14"}) == "2020-05-14"
    assert tagged_date({"product": "S2B_MSIL2A_20201023T102029_N0214_R065_T32UNC_20201023T130606"}) == "2020-10-23"
    assert tagged_date({"creation_date": "2024-01-01"}) == ""


def test_bands_are_dates_only_where_each_names_one():
    assert dates_of_bands(["2015-07-11", "2015-07-31"]) == ("2015-07-11", "2015-07-31")
    assert dates_of_bands(["20150711_ndvi", "20150731_ndvi"]) == ("2015-07-11", "2015-07-31")
    assert dates_of_bands(["2015-07-11", "B04"]) == ()
    assert dates_of_bands(["2015-07-11"]) == ()
    assert dates_of_bands([None, None]) == ()


def test_a_band_of_an_image_can_be_its_mask():
    assert [mask_kind(text) for text in ("SCL", "QA60", "cloud_prob", "snow_prob", "B04", "AOT", "cloud(1)")] == [
        "scl", "qa60", "probability", "", "", "", "mask"
    ]  # fmt: skip
