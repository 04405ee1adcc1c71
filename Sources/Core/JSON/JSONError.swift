// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a text is not acceptable JSON, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the document ends too early"
        case unexpectedCharacter = "unexpected character"
        case invalidNumber = "invalid number"
        case invalidString = "invalid string"
        case invalidUTF8 = "invalid UTF-8"
        case duplicateName = "an object repeats a name"
        case tooDeep = "nested too deeply"
    }

    package let reason: Reason
    /// Bytes before the place of the error.
    package let offset: Int

    package var description: String {
        "\(reason.rawValue) at byte \(offset)"
    }
}
