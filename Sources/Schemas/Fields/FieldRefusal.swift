// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a value was refused.
package struct FieldRefusal: Error {
    /// Where: the field's name, `roles[2]` for an element; empty while the field is not known yet.
    let place: String
    /// A stable word: `required`, `too_long`.
    let code: String
    /// A sentence that does not repeat the value.
    let message: String

    init(_ code: String, _ message: String, at place: String = "") {
        self.place = place
        self.code = code
        self.message = message
    }

    /// The same, inside `outer`.
    func inside(_ outer: String) -> FieldRefusal {
        FieldRefusal(code, message, at: outer + place)
    }
}
