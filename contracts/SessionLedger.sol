// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SessionSignatures} from "./SessionSignatures.sol";
import {Tokens} from "./Tokens.sol";

/// @dev What is stored of sessions, and all that changes it: they are opened, charged, closed and paid out here, and
/// amounts are checked here. Who may ask for that, and whose signatures it takes, {SessionEscrow} says.
abstract contract SessionLedger is SessionSignatures {
    using Tokens for address;

    /// The time that a seller has to bring in what is signed when the buyer asks to close.
    uint256 public constant CLOSING_PERIOD = 1 hours;
    /// A mistyped duration must not lock up a deposit for ever.
    uint256 public constant MAX_DURATION = 365 days;

    /// @dev A session in three words of storage: opening writes three, a charge reads the two of `Account` and writes one.
    struct Stored {
        Account account;
        uint96 totalDeposit;
        uint40 expiresAt;
        uint40 closableAt;
        bool closeRequested;
        /// Its place in `_tokens`.
        uint32 token;
    }

    struct Account {
        address buyer;
        uint48 unitsUsed;
        /// What the deposit pays for; 0 when the session is closed.
        uint48 maxUnits;
        address seller;
        uint96 pricePerUnit;
    }

    mapping(bytes32 sessionId => Stored) private _sessions;
    /// Tokens that sessions were opened in, by their place, from 1 on.
    mapping(uint32 place => address token) private _tokens;
    uint32 private _tokenCount;
    mapping(address token => uint32) private _placeOf;
    /// A whole word: a flag would be read before it is written.
    uint256 private transient _entered;

    /// @notice What could not be delivered when a session was closed, for {withdraw}.
    mapping(address token => mapping(address account => uint256)) public owed;

    /// For calls that change no other contract: only a wallet that is asked for its signature, which cannot change anything.
    modifier notEntered() {
        if (_entered != 0) revert Reentered();
        _;
    }

    modifier nonReentrant() {
        if (_entered != 0) revert Reentered();
        _entered = 1;
        _;
        _entered = 0;
    }

    function getSession(bytes32 sessionId)
        external
        view
        returns (address buyer, address seller, uint256 totalDeposit, uint256 consumedAmount, uint8 status)
    {
        Stored storage s = _known(sessionId);
        return (s.account.buyer, s.account.seller, s.totalDeposit, _consumed(s.account), uint8(_status(s)));
    }

    /// @notice All that is stored of a session.
    function sessionDetails(bytes32 sessionId) external view returns (Session memory session, Status status) {
        Stored storage s = _known(sessionId);
        status = _status(s);
        session = Session({
            buyer: s.account.buyer,
            totalDeposit: s.totalDeposit,
            seller: s.account.seller,
            pricePerUnit: s.account.pricePerUnit,
            unitsUsed: s.account.unitsUsed,
            expiresAt: s.expiresAt,
            closableAt: s.closableAt,
            closeRequested: s.closeRequested,
            closed: status == Status.Completed,
            token: _tokens[s.token]
        });
    }

    function _reserve(SessionTerms memory t, address buyer, bytes32 nonce) internal view returns (bytes32 sessionId) {
        bool sellable = t.seller != address(0) && t.seller != address(this);
        bool priced = t.pricePerUnit > 0 && t.pricePerUnit <= t.totalDeposit && t.totalDeposit <= type(uint96).max;
        if (!sellable || !priced || t.totalDeposit / t.pricePerUnit > type(uint48).max) revert BadTerms();
        if (t.duration == 0 || t.duration > MAX_DURATION) revert BadTerms();
        sessionId = _idOf(buyer, t.token, nonce);
        if (_sessions[sessionId].account.buyer != address(0)) revert SessionExists(sessionId);
    }

    /// A token that takes a fee delivers less than it says: such a deposit could not be paid out again.
    function _open(bytes32 sessionId, SessionTerms memory t, address buyer, uint256 before) internal {
        uint256 received = t.token.holding() - before;
        if (received != t.totalDeposit) revert WrongAmountReceived(t.totalDeposit, received);
        Stored storage s = _sessions[sessionId];
        uint40 expiresAt = uint40(block.timestamp + t.duration);
        (s.account.buyer, s.account.maxUnits) = (buyer, uint48(t.totalDeposit / t.pricePerUnit));
        (s.account.seller, s.account.pricePerUnit) = (t.seller, uint96(t.pricePerUnit));
        (s.totalDeposit, s.expiresAt, s.closableAt) = (uint96(t.totalDeposit), expiresAt, expiresAt);
        s.token = _placed(t.token);
        emit SessionCreated(sessionId, buyer, t.seller, t.token, t.totalDeposit, t.pricePerUnit, expiresAt);
    }

    /// Whole units up to an amount that is within what was signed; the same amount again charges nothing.
    /// @param a the session's account, as it is stored; afterwards again
    /// @param signed the buyer's total, in units
    function _charge(bytes32 sessionId, Account memory a, uint256 amount, uint256 signed, bytes32 nonce) internal {
        (uint256 price, uint256 used) = (a.pricePerUnit, a.unitsUsed);
        uint256 total = amount / price;
        // No product or difference here can be out of bounds: `total * price` is at most `amount`.
        unchecked {
            if (total < used || total * price != amount) revert WrongConsumedAmount(used * price);
            if (total > signed) revert ExceedsSigned(signed);
            if (total > a.maxUnits) revert ExceedsDeposit(a.maxUnits);
            if (total == used) return;
            _sessions[sessionId].account.unitsUsed = a.unitsUsed = uint48(total);
            emit UnitsConsumed(sessionId, nonce, total - used, total);
        }
    }

    function _request(bytes32 sessionId) internal {
        Stored storage s = _sessions[sessionId];
        uint256 closableAt = block.timestamp + CLOSING_PERIOD;
        if (s.closeRequested || closableAt >= s.closableAt) return;
        (s.closeRequested, s.closableAt) = (true, uint40(closableAt));
        emit CloseRequested(sessionId, closableAt);
    }

    /// @param a the session's account, as it is stored
    function _settle(bytes32 sessionId, Account memory a) internal {
        Stored storage s = _sessions[sessionId];
        s.account.maxUnits = 0;
        uint256 sellerAmount = _consumed(a);
        (uint256 buyerRefund, address token) = (s.totalDeposit - sellerAmount, _tokens[s.token]);
        emit SessionClosed(sessionId, sellerAmount, buyerRefund);
        _deliver(token, a.seller, sellerAmount);
        _deliver(token, a.buyer, buyerRefund);
    }

    /// The place of a token in the list, which its first session takes.
    function _placed(address token) private returns (uint32 place) {
        place = _placeOf[token];
        if (place != 0) return place;
        place = ++_tokenCount;
        _placeOf[token] = place;
        _tokens[place] = token;
    }

    /// A side that the token refuses to pay (a block list, say) must not hold up the other.
    function _deliver(address token, address account, uint256 amount) private {
        if (amount == 0 || token.tryPush(account, amount)) return;
        owed[token][account] += amount;
        emit PaymentDeferred(token, account, amount);
    }

    function _consumed(Account memory a) internal pure returns (uint256) {
        // 48 and 96 bits.
        unchecked {
            return uint256(a.unitsUsed) * a.pricePerUnit;
        }
    }

    function _known(bytes32 sessionId) private view returns (Stored storage s) {
        s = _sessions[sessionId];
        if (s.account.buyer == address(0)) revert UnknownSession(sessionId);
    }

    function _running(bytes32 sessionId) internal view returns (Account memory a) {
        a = _sessions[sessionId].account;
        if (a.buyer == address(0)) revert UnknownSession(sessionId);
        if (a.maxUnits == 0) revert AlreadyClosed(sessionId);
    }

    /// From when on anybody may close it (Unix time).
    function _closableAt(bytes32 sessionId) internal view returns (uint256) {
        return _sessions[sessionId].closableAt;
    }

    function _status(Stored storage s) private view returns (Status) {
        if (s.account.maxUnits == 0) return Status.Completed;
        if (block.timestamp >= s.expiresAt) return Status.Expired;
        return s.closeRequested ? Status.Disputed : Status.Active;
    }

    function _idOf(address buyer, address token, bytes32 nonce) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), buyer, token, nonce));
    }
}
