#pragma once

#include "cost/calendar.hpp"
#include "cost/commitment.hpp"

namespace gpubench::cost {

/// The provider and region under which such a machine is ranked.
inline constexpr const char* own_provider = "own";

/// A machine that is bought and run by its user. Money in one currency.
struct own_hardware {
  double purchase = 0;
  double resale = 0;  ///< at the end of its life
  double amortisation_years = 4;
  double power_watts = 0;  ///< drawn at work
  double pue = 1;          ///< power of the building over power of the machine, at least 1 (ISO/IEC 30134-2)
  double energy_price_per_kwh = 0;
  double staff_per_year = 0;  ///< share of people, room, network and maintenance
  double utilisation = 1;     ///< share of the hours in which it works, in (0, 1]
};

/// What an hour of work costs, by part.
struct own_hardware_hour {
  double capital = 0;  ///< (purchase - resale) / (years x 8760 x utilisation)
  double energy = 0;   ///< W / 1000 x PUE x price of a kWh
  double staff = 0;    ///< staff a year / (8760 x utilisation)
  double total() const { return capital + energy + staff; }
};

/// Idle hours are charged to those of work, without their energy.
/// @throws error: usage for a utilisation outside (0, 1], a PUE below 1, a life that is not positive or a negative
/// cost.
own_hardware_hour hour_of(const own_hardware& machine);

/// The machine as a commitment over the hours in which it works: purchase less resale at once, energy and staff by the
/// hour of work.   @throws error: as hour_of().
commitment as_commitment(const own_hardware& machine);

/// The machine as a commitment over its life, in which it is never switched off: purchase less resale at once, staff and
/// the energy of work by the hour, whatever its utilisation.   @throws error: as hour_of().
commitment kept_running(const own_hardware& machine);

}  // namespace gpubench::cost
