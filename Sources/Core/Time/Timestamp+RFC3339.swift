// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension Timestamp {
    /// The instant as RFC 3339 writes it in UTC, with six digits of a second: `2026-01-31T09:05:00.250000Z`.
    package var rfc3339: String {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends what ``rfc3339`` gives: 27 bytes.
    package func append(to text: inout [UInt8]) {
        let days = daysSinceEpoch
        let secondOfDay = Int(seconds - days * 86_400)
        let (year, month, day) = CivilDate.from(days: days)
        let fraction = Int(microseconds - seconds * 1_000_000)

        let start = text.count
        text.append(contentsOf: "0000-00-00T00:00:00.000000Z".utf8)
        var form = text.mutableSpan
        form.write(Int(year), digits: 4, at: start)
        form.write(month, digits: 2, at: start + 5)
        form.write(day, digits: 2, at: start + 8)
        form.write(secondOfDay / 3600, digits: 2, at: start + 11)
        form.write(secondOfDay / 60 % 60, digits: 2, at: start + 14)
        form.write(secondOfDay % 60, digits: 2, at: start + 17)
        form.write(fraction, digits: 6, at: start + 20)
    }

    /// Reads RFC 3339 section 5.6 `date-time`, with `Z` or a numeric offset and up to six digits of a second.
    ///
    /// Also PostgreSQL's `2026-01-31 09:05:00.25+00`: a space for `T`, and an offset in hours.
    ///
    /// Nil for anything else, for a date that does not exist and for a year outside 1 to 9999, in UTC too.
    package init?(rfc3339 text: String) {
        self.init(rfc3339: text.utf8.span)
    }

    /// Reads the bytes of such a text.
    package init?(rfc3339 text: Span<UInt8>) {
        var place = 0
        guard
            let year = text.number(digits: 4, at: &place), text.skip("-", at: &place),
            let month = text.number(digits: 2, at: &place), text.skip("-", at: &place),
            let day = text.number(digits: 2, at: &place),
            text.skip("T", at: &place) || text.skip("t", at: &place) || text.skip(" ", at: &place),
            let hour = text.number(digits: 2, at: &place), text.skip(":", at: &place),
            let minute = text.number(digits: 2, at: &place), text.skip(":", at: &place),
            let second = text.number(digits: 2, at: &place),
            year >= 1, (1...12).contains(month), (1...CivilDate.daysIn(month: month, of: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }

        var fraction = 0
        if text.skip(".", at: &place) {
            guard let digits = text.fraction(maximum: 6, at: &place) else { return nil }
            fraction = digits
        }
        guard let offset = text.offsetSeconds(at: &place), place == text.count else { return nil }

        let days = CivilDate.days(year: Int64(year), month: month, day: day)
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        guard Self.secondsOfYears1To9999.contains(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + Int64(fraction))
    }

    private static let secondsOfYears1To9999 = Int64(-62_135_596_800)...253_402_300_799
}

extension MutableSpan<UInt8> {
    /// Writes the last `digits` decimal digits of `value`.
    fileprivate mutating func write(_ value: Int, digits: Int, at start: Int) {
        var rest = UInt32(truncatingIfNeeded: value)
        for index in (start..<start + digits).reversed() {
            self[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}

extension Span<UInt8> {
    fileprivate func skip(_ character: Unicode.Scalar, at place: inout Int) -> Bool {
        guard place < count, self[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    fileprivate func digit(at place: inout Int) -> Int? {
        guard place < count, case let digit = self[place], (48...57).contains(digit) else { return nil }
        place += 1
        return Int(digit) - 48
    }

    fileprivate func number(digits: Int, at place: inout Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit(at: &place) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    fileprivate func fraction(maximum: Int, at place: inout Int) -> Int? {
        var value = 0
        var digits = 0
        while let digit = digit(at: &place) {
            digits += 1
            guard digits <= maximum else { return nil }
            value = value * 10 + digit
        }
        guard digits > 0 else { return nil }
        for _ in digits..<maximum { value *= 10 }
        return value
    }

    fileprivate func offsetSeconds(at place: inout Int) -> Int? {
        if skip("Z", at: &place) || skip("z", at: &place) { return 0 }
        let sign: Int
        if skip("+", at: &place) {
            sign = 1
        } else if skip("-", at: &place) {
            sign = -1
        } else {
            return nil
        }
        guard let hours = number(digits: 2, at: &place), hours < 24 else { return nil }
        guard skip(":", at: &place) else { return place == count ? sign * hours * 3600 : nil }
        guard let minutes = number(digits: 2, at: &place), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
