// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension FieldType<String> {
    /// What somebody takes for a token, of up to `length` characters.
    ///
    /// Any text: one that is no token at all is refused like one that is not valid any more.
    package static func token(upTo length: Int) -> FieldType {
        FieldType(
            schema: [
                "type": "string",
                "minLength": 1,
                "maxLength": .integer(Int64(length)),
                "examples": ["eW91ciByZWZyZXNoIHRva2VuLCBvZiA0MyBsZXR0ZXI"],
            ]
        ) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard !text.isEmpty else { throw FieldRefusal("too_short", "must not be empty") }
            guard text.unicodeScalars.count <= length else {
                throw FieldRefusal("too_long", "must have at most \(length) characters")
            }
            return text
        }
    }
}
