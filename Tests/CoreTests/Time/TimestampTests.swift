// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-01-31T09:05:00.25Z", 1_769_850_300_250_000),
        ("2026-01-31t09:05:00.25z", 1_769_850_300_250_000),
        ("2026-01-31T10:05:00.25+01:00", 1_769_850_300_250_000),
        ("2026-01-31T03:35:00.250-05:30", 1_769_850_300_250_000),
        ("2026-01-31 09:05:00.25+00", 1_769_850_300_250_000),
        ("2026-01-31 11:05:00.25+02", 1_769_850_300_250_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
        ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func init_whenTextIsAnInstant_readsIt(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(microseconds: microseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-01-31T09:05:00", "2026-01-31T09:05Z", "2026-1-31T09:05:00Z",
        "2026-01-31T09:05:00Z ", " 2026-01-31T09:05:00Z", "2026-01-31_09:05:00Z", "+2026-01-31T09:05:00Z",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T23:60:00Z", "2026-12-31T23:59:60Z",
        "2026-01-31T09:05:00.Z", "2026-01-31T09:05:00.1234567Z", "2026-01-31T09:05:00,5Z", "2026-01-31T09:05:00.-1Z",
        "2026-01-31T09:05:00+", "2026-01-31T09:05:00+1:00", "2026-01-31T09:05:00+24:00", "2026-01-31T09:05:00+01:60",
        "2026-01-31T09:05:00+0100", "2026-01-31T09:05:00+01:00:00", "0000-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "0044-03-15 00:00:00+00 BC", "infinity",
        "２026-01-31T09:05:00Z",
    ])
    func init_whenTextIsNoInstant_isNil(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [
        ("", 0), (".1", 100_000), (".12", 120_000), (".123", 123_000), (".1234", 123_400), (".12345", 123_450),
        (".123456", 123_456), (".000001", 1),
    ])
    func init_readsUpToSixDigitsOfASecond(fraction: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00\(fraction)Z") == Timestamp(microseconds: microseconds))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (-1_000_000, "1969-12-31T23:59:59.000000Z"),
        (1_769_850_300_250_000, "2026-01-31T09:05:00.250000Z"),
        (951_782_399_000_000, "2000-02-28T23:59:59.000000Z"),
        (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func rfc3339_isTheInstantInUTCWithSixDigits(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    /// Every month of 400 years: the Gregorian calendar repeats after them.
    @Test func rfc3339_readBack_isTheSameInstant() {
        var failures: [String] = []
        for year in 1700..<2100 {
            for month in 1...12 {
                for day in [1, 28] {
                    let date = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
                    let text = "\(date)T23:59:59.000001Z"
                    if Timestamp(rfc3339: text)?.rfc3339 != text { failures.append(text) }
                }
            }
        }
        #expect(failures.isEmpty)
    }

    @Test(arguments: [
        (1_999_999, 1), (1_000_000, 1), (999_999, 0), (0, 0), (-1, -1), (-1_000_000, -1), (-1_000_001, -2),
    ])
    func seconds_roundDown(microseconds: Int64, seconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).seconds == seconds)
    }

    /// The first is the example of RFC 9110 section 5.6.7.
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (1_769_850_300, "Sat, 31 Jan 2026 09:05:00 GMT"),
    ])
    func httpDate_isAnIMFFixdate(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).httpDate == text)
    }

    @Test func arithmetic_keepsMicroseconds() {
        let instant = Timestamp(seconds: 100)
        #expect(instant + .microseconds(1) == Timestamp(microseconds: 100_000_001))
        #expect(instant - .milliseconds(1) == Timestamp(microseconds: 99_999_000))
        #expect(Timestamp(seconds: 90) - instant == .seconds(-10))
        #expect(Timestamp(microseconds: -1) < Timestamp(microseconds: 0))
    }
}
