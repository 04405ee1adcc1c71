// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension Timestamp {
    /// The instant as RFC 3339 writes it in UTC, with six digits of a second: `2026-01-31T09:05:00.250000Z`.
    package var rfc3339: String {
        let days = daysSinceEpoch
        let secondOfDay = Int(seconds - days * 86_400)
        let (year, month, day) = CivilDate.from(days: days)
        let fraction = Int(microseconds - seconds * 1_000_000)

        var text: [UInt8] = []
        text.reserveCapacity(27)
        text.appendDigits(Int(year), count: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(month, count: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(day, count: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDigits(secondOfDay / 3600, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(secondOfDay / 60 % 60, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(secondOfDay % 60, count: 2)
        text.append(UInt8(ascii: "."))
        text.appendDigits(fraction, count: 6)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads RFC 3339 section 5.6 `date-time`, with `Z` or a numeric offset and up to six digits of a second.
    ///
    /// Also PostgreSQL's `2026-01-31 09:05:00.25+00`: a space for `T`, and an offset in hours.
    ///
    /// Nil for anything else, for a date that does not exist and for a year outside 1 to 9999, in UTC too.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard
            let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(digits: 2), reader.skip(":"),
            let minute = reader.number(digits: 2), reader.skip(":"),
            let second = reader.number(digits: 2),
            year >= 1, (1...12).contains(month), (1...CivilDate.daysIn(month: month, of: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }

        var fraction = 0
        if reader.skip(".") {
            guard let digits = reader.fraction(maximum: 6) else { return nil }
            fraction = digits
        }
        guard let offset = reader.offsetSeconds(), reader.isAtEnd else { return nil }

        let days = CivilDate.days(year: Int64(year), month: month, day: day)
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        guard Self.secondsOfYears1To9999.contains(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + Int64(fraction))
    }

    private static let secondsOfYears1To9999 = Int64(-62_135_596_800)...253_402_300_799
}

extension [UInt8] {
    fileprivate mutating func appendDigits(_ value: Int, count: Int) {
        var divisor = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}

private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < bytes.count, case let digit = bytes[position], (48...57).contains(digit) else { return nil }
        position += 1
        return Int(digit) - 48
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func fraction(maximum: Int) -> Int? {
        var value = 0
        var digits = 0
        while let digit = digit() {
            digits += 1
            guard digits <= maximum else { return nil }
            value = value * 10 + digit
        }
        guard digits > 0 else { return nil }
        for _ in digits..<maximum { value *= 10 }
        return value
    }

    mutating func offsetSeconds() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") {
            sign = 1
        } else if skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = number(digits: 2), hours < 24 else { return nil }
        guard skip(":") else { return isAtEnd ? sign * hours * 3600 : nil }
        guard let minutes = number(digits: 2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
