// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Testing

@Suite struct UUIDVersion7Tests {
    /// The instant of RFC 9562 appendix A.6.
    @Test func v7_beginsWithTheMillisecondsOfTheInstant() {
        let uuid = UUID.v7(at: Timestamp(microseconds: 1_645_557_742_000_999))
        #expect(uuid.lowercased.hasPrefix("017f22e2-79b0-7"))
    }

    @Test(arguments: [UInt64.min, .max, 0x5555_5555_5555_5555])
    func v7_whateverTheRandomness_hasVersionAndVariant(random: UInt64) {
        var randomness = Randomness(values: [random, random])
        let uuid = UUID.v7(at: Timestamp(seconds: 1_800_000_000), using: &randomness).uuid
        #expect(uuid.6 >> 4 == 7)
        #expect(uuid.8 >> 6 == 0b10)
    }

    @Test func v7_keepsAllRandomBitsButVersionAndVariant() {
        var ones = Randomness(values: [.max, .max])
        #expect(UUID.v7(at: Timestamp(seconds: 0), using: &ones).lowercased == "00000000-0000-7fff-bfff-ffffffffffff")
    }

    @Test func v7_sortsByMilliseconds() {
        let instants = (0..<300).map { Timestamp(microseconds: 1_800_000_000_000_000 + $0 * 1000) }
        let texts = instants.map { UUID.v7(at: $0).lowercased }
        #expect(texts == texts.sorted())
    }

    @Test func v7_ofOneInstant_differ() {
        let instant = Timestamp(seconds: 1_800_000_000)
        #expect(Set((0..<1000).map { _ in UUID.v7(at: instant) }).count == 1000)
    }

    @Test func v7_beforeTheEpoch_isOfTheEpoch() {
        #expect(UUID.v7(at: Timestamp(seconds: -1)).lowercased.hasPrefix("00000000-0000-7"))
    }
}

private struct Randomness: RandomNumberGenerator {
    var values: [UInt64]

    mutating func next() -> UInt64 {
        values.isEmpty ? 0 : values.removeFirst()
    }
}
